import { createHash, timingSafeEqual } from 'node:crypto';

/** Compares in constant time for texts of any length. */
export function equalSecrets(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
