/** Random suffixes for `generateName` (apiserver `storage/names`). */

import { randomInt } from 'node:crypto';

/** Without vowels and easily confused digits, so that no words are formed (apimachinery `util/rand`). */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const MAX_NAME_LENGTH = 63;

/** `base` with five random characters appended; `base` is truncated so that the name is a valid DNS label. */
export function generateName(base: string): string {
  let name = base.slice(0, MAX_NAME_LENGTH - SUFFIX_LENGTH);
  for (let i = 0; i < SUFFIX_LENGTH; i++) name += ALPHABET[randomInt(ALPHABET.length)];
  return name;
}
