/** A cluster IP or node port can't be allocated. */
export class AllocationError extends Error {
  override readonly name = 'AllocationError';
}

export const rangeIsFull = (): AllocationError => new AllocationError('range is full');
