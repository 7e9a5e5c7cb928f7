/** Yields each number in `text` that is followed by a word, such as `3 weeks`. */
export function* amountsIn(text: string): Generator<{ readonly amount: string; readonly word: string }> {
  const word = /\s*([A-Za-zµ]+)/y;
  for (const { 0: amount, index } of text.matchAll(/[0-9]+/g)) {
    word.lastIndex = index + amount.length;
    const found = word.exec(text)?.[1];
    if (found !== undefined) yield { amount, word: found };
  }
}
