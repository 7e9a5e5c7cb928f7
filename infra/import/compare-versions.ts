/** Compares versions of two numbers: negative if the first is lower, as `1.9` is than `1.10`. */
export function compareVersions(a: string, b: string): number {
  const [first, second] = [a.split('.').map(Number), b.split('.').map(Number)];
  return first[0]! - second[0]! || first[1]! - second[1]!;
}
