// Tables in CSV (RFC 4180), read strictly: quotes stand around whole cells or nowhere, all lines end alike, and all rows have as
// many cells. Line ends are those of RFC 4180, or line feeds.
import { demand } from './refusal.mjs';
import { withoutMark } from './utf8.mjs';

const CELL = /"([^"]*(?:""[^"]*)*)"|([^",\r\n]*)/y;

const syntax = (condition, detail) => demand(condition, 'syntax', detail);

function cellsOf(text) {
  const rows = [[]];
  let at = 0;
  let lineEnd;
  for (;;) {
    CELL.lastIndex = at;
    const [all, quoted, plain] = CELL.exec(text);
    rows.at(-1).push(plain ?? quoted.replaceAll('""', '"'));
    at += all.length;
    if (at === text.length) return rows;
    if (text[at] === ',') {
      at += 1;
      continue;
    }
    lineEnd ??= text[at] === '\r' ? '\r\n' : '\n';
    syntax(text.startsWith(lineEnd, at), 'neither a comma, nor the end of a line as lines end here, behind a cell');
    at += lineEnd.length;
    if (at === text.length) return rows; // the last line may be ended
    rows.push([]);
  }
}

function asObject(columns, cells) {
  const row = Object.create(null);
  columns.forEach((name, i) => { row[name] = cells[i]; });
  return row;
}

export function readTable(text, hasHeader) {
  const content = withoutMark(text);
  syntax(content !== '' || !hasHeader, 'a table without its header');
  const rows = content === '' ? [] : cellsOf(content);
  syntax(rows.every(({ length }) => length === rows[0].length), 'rows of different lengths');
  if (!hasHeader) return { rows };
  const [columns, ...rest] = rows;
  syntax(new Set(columns).size === columns.length, 'two columns with one name');
  return { columns, rows: rest.map((cells) => asObject(columns, cells)) };
}
