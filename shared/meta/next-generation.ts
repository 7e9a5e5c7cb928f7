/** Of an object whose desired state is another one now. Of int64, in which one more than the largest is the least. */
export function nextGeneration(generation: number | bigint = 0): number {
  const next = BigInt.asIntN(64, BigInt(generation) + 1n);
  const number = Number(next);
  // Types don't tell that integers beyond those of numbers are bigints.
  return Number.isSafeInteger(number) ? number : (next as unknown as number);
}
