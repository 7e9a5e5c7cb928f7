/** What the JSON of stored objects has of which something is true, so that others need not be decoded; some that have it are none. */

/** Objects that are being deleted. */
export const TERMINATING = '"deletionTimestamp":';

/** Pods that have ended. */
export const ENDED: readonly string[] = ['"phase":"Succeeded"', '"phase":"Failed"'];
