/** Sentences that validation messages are made of (apimachinery `api/validate/content/errors.go`). */

export const EMPTY_ERROR = 'must be non-empty';

export const IS_NEGATIVE_ERROR = 'must be greater than or equal to 0';

/** What the rules for names say; those for label keys and values say `maxBytesError`. Both count bytes. */
export const maxLenError = (max: number): string => `must be no more than ${max} characters`;

export const maxBytesError = (max: number): string => `must be no more than ${max} bytes`;

export const inclusiveRangeError = (low: number, high: number): string =>
  `must be between ${low} and ${high}, inclusive`;

/** Upstream's form, its double space included: `message (e.g. 'a',  or 'b', regex used for validation is '...')` */
export function regexError(message: string, pattern: string, ...examples: string[]): string {
  if (examples.length === 0) return `${message} (regex used for validation is '${pattern}')`;
  const shown = examples.map((example) => `'${example}', `).join(' or ');
  return `${message} (e.g. ${shown}regex used for validation is '${pattern}')`;
}

/** Length as Go counts it: UTF-8 bytes. */
export const byteLength = (text: string): number => Buffer.byteLength(text);
