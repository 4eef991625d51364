// One word for three answers (docs/kbtf-authenticity.md section 8).
export function wordFor({ integrity, status, issuer }) {
  const answers = [integrity, status, issuer];
  if (integrity === 'invalid') return 'altered';
  if (answers.includes('invalid')) return 'certificateCheckFailed';
  return answers.every((answer) => answer === 'valid') ? 'authentic' : 'unverified';
}
