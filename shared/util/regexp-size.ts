/**
 * The size of a regular expression with its repetitions written out, which is what compiling and matching cost: seven
 * kilobytes of `a{1000}` are a million steps.
 */

/** Larger ones are refused. Go's limit is some thirty times as high. */
const MAX_STEPS = 100_000;

/** Go's message for an expression beyond its limit. */
const TOO_LARGE = 'error parsing regexp: expression too large';

/** Throws Error if the expression is too large; a syntax error is left to the parser. */
export function checkRegexpSize(pattern: string): void {
  if (stepsOf(pattern) > MAX_STEPS) throw new Error(TOO_LARGE);
}

/** Parts that are skipped as a whole: each is one step, except for quoted text. */
const QUOTED = /\\Q([\s\S]*?)(?:\\E|$)/y;
const ESCAPE = /\\(?:[pP]\{[^}]*\}|[pP][^{]|x\{[^}]*\}|x[^{]|[^pPx])/y;
const CLASS = /\[\^?\]?(?:\[:\^?\w+:\]|\\[\s\S]|[^\]\\])*\]/y;
const REPEAT = /\{(\d{1,4})(,?)(\d{0,4})\}/y;

/**
 * Up to an unclosed class or escape, which is a syntax error. An upper bound, except for characters that are several steps each, such as
 * those beyond ASCII.
 */
export function stepsOf(pattern: string): number {
  const groups: number[] = [];
  let steps = 0;
  /** Steps of the latest part, to which a repetition applies. */
  let last = 0;
  const add = (size: number): void => {
    last = size;
    steps += size;
  };
  for (let at = 0; at < pattern.length; ) {
    const part = (of: RegExp): RegExpExecArray | null => {
      of.lastIndex = at;
      return of.exec(pattern);
    };
    const char = pattern[at]!;
    let length = 1;
    if (char === '(') {
      groups.push(steps);
      steps = 0;
    } else if (char === ')') {
      const inner = steps;
      steps = groups.pop() ?? 0;
      add(inner + 2);
    } else if (char === '{') {
      const found = part(REPEAT);
      if (found === null) add(1);
      else {
        const [whole, least, comma, most] = found;
        const times = Math.max(1, Number(most || least) + (comma && !most ? 1 : 0));
        add(last * (times - 1) + times);
        length = whole.length;
      }
    } else if (char === '\\') {
      const quoted = part(QUOTED);
      const found = quoted ?? part(ESCAPE);
      if (found === null) break;
      add(quoted?.[1]?.length ?? 1);
      length = found[0].length;
    } else if (char === '[') {
      const found = part(CLASS);
      if (found === null) break;
      add(1);
      length = found[0].length;
    } else add(1);
    at += length;
  }
  return groups.reduce((sum, size) => sum + size, steps);
}
