/** The order in which free numbers are tried. */

/** Numbers from `first` to `last`; the lowest `offset` of them are reserved for explicit requests. */
export interface NumberRange {
  readonly first: bigint;
  readonly last: bigint;
  readonly offset: bigint;
}

function random(limit: bigint): bigint {
  const digits = crypto.getRandomValues(new BigUint64Array(1))[0]!;
  return digits % limit;
}

/** All numbers, starting at a random one and wrapping around. */
function* from(first: bigint, last: bigint): Generator<bigint> {
  const size = last - first + 1n;
  if (size <= 0n) return;
  const start = random(size);
  for (let step = 0n; step < size; step++) yield first + ((start + step) % size);
}

/**
 * The upper numbers, then the reserved ones, each from a random start
 * (https://github.com/kubernetes/enhancements/tree/master/keps/sig-network/3070-reserved-service-ip-range).
 */
export function* candidates({ first, last, offset }: NumberRange): Generator<bigint> {
  yield* from(first + offset, last);
  yield* from(first, first + offset - 1n);
}

/** How many of `size` numbers to reserve: one in `step`, within limits; none of a small range. */
export function reservedOffset(size: bigint, { step, max }: { step: bigint; max: bigint }): bigint {
  const MIN = 16n;
  if (size <= MIN) return 0n;
  const share = size / step;
  return share < MIN ? MIN : share > max ? max : share;
}
