/** Negative where `1.9` comes before `1.10`; versions of two numbers. */
export function compareVersions(a: string, b: string): number {
  const [first, second] = [a.split('.').map(Number), b.split('.').map(Number)];
  return first[0]! - second[0]! || first[1]! - second[1]!;
}
