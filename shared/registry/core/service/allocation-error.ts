/** Why a cluster IP or a node port could not be had. */
export class AllocationError extends Error {
  override readonly name = 'AllocationError';
}

export const rangeIsFull = (): AllocationError => new AllocationError('range is full');
