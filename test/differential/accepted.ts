/** Causes of differences that are meant. The README's list of what it does not do has them for its readers. */

export interface Accepted {
  /** Matches the texts of `Difference.cause`. */
  readonly cause: RegExp;
  readonly reason: string;
}

export const ACCEPTED: readonly Accepted[] = [
  {
    cause: /^body\.(?:items\[\]\.)?(?:metadata\.)?remainingItemCount: /,
    reason: 'resourceVersions are of one resource here, so that what else is written moves other lists',
  },
  { cause: /^body\.paths/, reason: 'each server lists the paths and hooks that it has' },
  { cause: /^body\.serverAddressByClientCIDRs/, reason: 'the addresses of two servers differ' },
  {
    cause: /^body\.(?:git|build|compiler|goVersion|platform|major|minor|emulation|minCompat)/,
    reason: 'two programs have two versions',
  },
  {
    cause:
      /^body\.(?:message|details\.causes\[\]\.message): .*(?:pod updates may not change|spec is immutable|is immutable after creation)/,
    reason: "what changed is told by field, where upstream prints a diff of its internal form's JSON",
  },
  {
    cause: /^body\.status\.(?:conditions: null -> |acceptedNames)/,
    reason: 'a definition is established by the write that makes it: no controller that might be late',
  },
];

export const acceptedReason = (cause: string): string | undefined =>
  ACCEPTED.find((one) => one.cause.test(cause))?.reason;
