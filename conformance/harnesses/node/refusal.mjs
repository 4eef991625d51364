// A refusal is an answer, not a failure: it carries the protocol's reason class to the place where the answer is made.
export class Refusal extends Error {
  constructor(reason, detail) {
    super(detail);
    this.reason = reason;
  }
}

export function demand(condition, reason, detail) {
  if (!condition) throw new Refusal(reason, detail);
}
