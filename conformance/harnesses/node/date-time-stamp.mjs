// XML Schema dateTimeStamp, compared exactly. JavaScript's Date accepts other notations and cuts fractions to milliseconds.

const FORM = new RegExp('^(-?(?:[1-9][0-9]{3,7}|0[0-9]{3}))-([0-9]{2})-([0-9]{2})'
  + 'T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\\.([0-9]+))?(?:Z|([+-])([0-9]{2}):([0-9]{2}))$');

const leap = (year) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
const daysIn = (year, month) => (month === 2 ? (leap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31);

// Days since 1970-01-01 in the proleptic Gregorian calendar, counting years from March so that the leap day is last.
function dayNumber(year, month, day) {
  const y = month > 2 ? year : year - 1;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return 365 * y + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 719468;
}

// Whole seconds since 1970 and the digits after the point; null if the text is not a dateTimeStamp.
export function parseTime(text) {
  const match = typeof text === 'string' && FORM.exec(text);
  if (!match) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const fraction = (match[7] ?? '').replace(/0+$/, '');
  const [zoneHour, zoneMinute] = [Number(match[9] ?? 0), Number(match[10] ?? 0)];
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null;
  if (minute > 59 || second > 59 || zoneMinute > 59 || zoneHour * 60 + zoneMinute > 14 * 60) return null;
  if (hour > 23 || fraction.length > 9) return null;
  const offset = (match[8] === '-' ? -60 : 60) * (zoneHour * 60 + zoneMinute);
  return { seconds: dayNumber(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset, fraction };
}

// The text of a time in whole seconds since 1970; null if it is out of range.
export function timeText(seconds) {
  return Math.abs(seconds) > 8.64e12 ? null : new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

export const isTime = (text) => parseTime(text) !== null;

// Is `a`, which may be moved by some seconds, later than `b`? Without trailing zeros, fractions compare like words.
export function isAfter(a, b, shift = 0) {
  const [left, right] = [parseTime(a), parseTime(b)];
  const difference = left.seconds + shift - right.seconds;
  return difference > 0 || (difference === 0 && left.fraction > right.fraction);
}

// The same for whole seconds since 1970: is that moment more than so many seconds ahead, or behind?
export const isAhead = (seconds, now, by) => seconds - by > parseTime(now).seconds;

export function isBehind(seconds, now, by) {
  const time = parseTime(now);
  return seconds + by < time.seconds || (seconds + by === time.seconds && time.fraction !== '');
}
