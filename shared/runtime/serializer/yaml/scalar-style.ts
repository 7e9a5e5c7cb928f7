/** Chooses the style of a string in YAML, so that it is parsed as a string and its characters are allowed. */

import { resolveScalar } from './resolve-scalar.ts';

export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal';

/** The position of a value: a key must fit on one line, and a list in a map needs no extra indentation. */
export type Place = 'key' | 'member' | 'element';

/** Most strings: always parsed as a string in any position. */
const PLAIN = /^[a-zA-Z][\w./-]{5,}$/;

const BASE_60 = /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/;
const TIMESTAMP =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt](\d{1,2}:\d{1,2}:\d{1,2})(?:[.,]\d+)?(?:Z|[-+](\d\d):(\d\d)))|(?: (\d{1,2}:\d{1,2}:\d{1,2})(?:[.,]\d+)?))?$/;

const BREAK = '\\n\\r\\x85\\u2028\\u2029';
const BREAKS = new RegExp(`[${BREAK}]`);
const AT_THE_EDGE = new RegExp(`^[ ${BREAK}]|[ ${BREAK}]$`);
const BREAK_AND_SPACE = new RegExp(`[${BREAK}] `);
const SPACE_AND_BREAK = new RegExp(` [${BREAK}]`);
const INDICATOR = new RegExp(
  `^(?:---|\\.\\.\\.)|^[#,[\\]{}&*!|>'"%@\`]|^[?:-](?:[ \\t]|$)|.:(?:[ \\t]|$)|[ \\t\\0${BREAK}]#`,
  's',
);
export const UNPRINTABLE = /[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u;

export function scalarStyle(text: string, place: Place): ScalarStyle {
  const isKey = place === 'key';
  if (PLAIN.test(text)) return 'plain';
  if (text.includes('\n')) {
    const isBlock = !isKey && !text.endsWith(' ') && !SPACE_AND_BREAK.test(text) && !UNPRINTABLE.test(text);
    return isBlock ? 'literal' : 'double';
  }
  if (!isString(text) || (isKey && BREAKS.test(text))) return 'double';
  if (SPACE_AND_BREAK.test(text) || UNPRINTABLE.test(text)) return 'double';
  if (!AT_THE_EDGE.test(text) && !BREAKS.test(text) && !INDICATOR.test(text)) return 'plain';
  return BREAK_AND_SPACE.test(text) ? 'double' : 'single';
}

/** Whether YAML 1.1 parses it as a string if it is unquoted. */
function isString(text: string): boolean {
  if (typeof resolveScalar(text) !== 'string') return false;
  return !/^[-+\d]/.test(text) || !(BASE_60.test(text) || isTimestamp(text));
}

function isTimestamp(text: string): boolean {
  const match = TIMESTAMP.exec(text);
  if (match === null) return false;
  const [, year, month, day, time, zoneHours = '0', zoneMinutes = '0', plainTime] = match;
  const last = new Date(Date.UTC(2000, Number(month), 0));
  last.setUTCFullYear(Number(year), Number(month), 0);
  const [hours = 0, minutes = 0, seconds = 0] = (time ?? plainTime ?? '').split(':').map(Number);
  const isDay = Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1;
  const isTime = hours < 24 && minutes < 60 && seconds < 60;
  return (
    isDay &&
    Number(day) <= last.getUTCDate() &&
    isTime &&
    Number(zoneHours) <= 24 &&
    Number(zoneMinutes) <= 60
  );
}
