/**
 * Texts in the JSON of stored objects that have a certain property. Objects without the text need not be decoded; some
 * that contain it don't have the property.
 */

/** Objects that are being deleted. */
export const TERMINATING = '"deletionTimestamp":';

/** Terminated pods. */
export const ENDED: readonly string[] = ['"phase":"Succeeded"', '"phase":"Failed"'];
