/** The manager of an update; if the request names none, the user agent up to its first slash. */
export function managerOrUserAgent(fieldManager: string | undefined, userAgent: string | undefined): string {
  if (fieldManager) return fieldManager;
  return [...((userAgent ?? '').split('/')[0] ?? '')]
    .filter((char) => /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(char))
    .slice(0, 128)
    .join('');
}
