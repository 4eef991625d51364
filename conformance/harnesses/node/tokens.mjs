// Credentials and presentations in JSON Web Tokens: of VC 2.0 (the payload is the document) and of VC 1.1 (a claim is).
import { V1, V2, asArray, idOf, isUrl } from './data-model.mjs';
import { parseTime, timeText } from './date-time-stamp.mjs';
import { tokenSeal } from './jws.mjs';
import { demand } from './refusal.mjs';
import { isObject } from './strict-json.mjs';

export const CREDENTIAL = { typ: 'vc+jwt', content: 'vc', party: 'issuer', hasSubject: true };
export const PRESENTATION = { typ: 'vp+jwt', content: 'vp', party: 'holder', hasSubject: false };

const shape = (condition, detail) => demand(condition, 'structure', detail);

// VC 2.0: what the claims of a token say again must be the same.
export function checkClaims(header, payload, { content, party, hasSubject }) {
  shape(!('cty' in header) || header.cty === content, `cty is not ${content}`);
  shape(!(content in payload) && !('proof' in payload), `${content} or proof in the payload`);
  // Without a holder, iss says who that is.
  const isNamed = party === 'issuer' || party in payload;
  shape(!('iss' in payload) || !isNamed || payload.iss === idOf(payload[party]), `iss is not the ${party}`);
  shape(!('jti' in payload) || payload.jti === payload.id, 'jti is not the id');
  if (!hasSubject || !('sub' in payload)) return;
  const subjects = asArray(payload.credentialSubject);
  shape(subjects.length === 1 && isObject(subjects[0]) && payload.sub === subjects[0].id, 'sub is not the only subject');
}

// VC 1.1: the claims are put into the document, or must say what stands there.
function documentOf(payload, { content, party, hasSubject }) {
  shape(isObject(payload[content]), `no ${content} in the payload`);
  const document = Object.assign(Object.create(null), payload[content]);
  shape(!('proof' in document), 'proof in a token');
  shape(content !== 'vc' || !('status' in payload), 'status beside vc');
  const put = (claim, into, name, read = (value) => value, write = read) => {
    if (!(claim in payload)) return;
    if (name in into) shape(read(into[name]) === payload[claim], `${claim} is not ${name}`);
    else into[name] = write(payload[claim]);
  };
  put('iss', document, party, idOf);
  put('jti', document, 'id');
  if (!hasSubject) return document;
  if ('sub' in payload) {
    shape(isObject(document.credentialSubject), 'sub without an only subject');
    document.credentialSubject = Object.assign(Object.create(null), document.credentialSubject);
    put('sub', document.credentialSubject, 'id');
  }
  put('nbf', document, 'issuanceDate', (text) => parseTime(text)?.seconds, timeText);
  put('exp', document, 'expirationDate', (text) => parseTime(text)?.seconds, timeText);
  return document;
}

// { document, version, claims, party, seals }: `claims` are those of the token, `party` who the issuer or holder is, if it
// says so; `versions` are those that there may be.
export function openToken(jws, kind, versions) {
  const version = jws.typ === kind.typ ? V2 : V1;
  shape(version === V2 || jws.typ === undefined || jws.typ === 'JWT', 'another typ');
  shape(versions.includes(version), 'a token of this version has no place here');
  if (version === V2) checkClaims(jws.header, jws.payload, kind);
  const document = version === V2 ? jws.payload : documentOf(jws.payload, kind);
  const party = kind.party in document ? idOf(document[kind.party]) : jws.payload.iss;
  return { document, version, claims: jws.payload, party, seals: () => [tokenSeal(jws, party)] };
}

// An envelope is an object that holds a token in a data: URL.
const isEnvelope = (object, name) => asArray(object.type).includes(name);
const isOnly = (value, wanted) => asArray(value).length === 1 && asArray(value)[0] === wanted;

// The media type and the token of an envelope; null if the object is none.
export function openEnvelope(object, name, mediaTypes) {
  if (!isEnvelope(object, name)) return null;
  shape(Object.keys(object).length === 3, 'an envelope with other members');
  shape(isOnly(object['@context'], V2) && isOnly(object.type, name), 'not the context and type of an envelope');
  shape(isUrl(object.id), 'id of an envelope');
  const mediaType = mediaTypes.find((type) => object.id.startsWith(`data:${type},`));
  shape(mediaType !== undefined, 'another media type in an envelope');
  return { mediaType, token: object.id.slice(`data:${mediaType},`.length) };
}
