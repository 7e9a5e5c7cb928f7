/** The generation after a change of the desired state. Wraps around as Go's int64 does. */
export function nextGeneration(generation: number | bigint = 0): number {
  const next = BigInt.asIntN(64, BigInt(generation) + 1n);
  const number = Number(next);
  // Integers beyond the safe range are bigints, which the generated types don't say.
  return Number.isSafeInteger(number) ? number : (next as unknown as number);
}
