/**
 * The order of API versions by name (https://github.com/kubernetes/apimachinery/blob/master/pkg/version/helpers.go).
 */

const KUBE_VERSION = /^v(\d+)(?:(alpha|beta)(\d+))?$/;
const STABILITIES: readonly (string | undefined)[] = ['alpha', 'beta', undefined];

/** Positive when `a` comes before `b`: stable versions before betas before alphas, newer before older, others last. */
export function compareKubeVersions(a: string, b: string): number {
  const [first, second] = [KUBE_VERSION.exec(a), KUBE_VERSION.exec(b)];
  if (first === null || second === null) {
    if (first !== null) return 1;
    if (second !== null) return -1;
    return a < b ? 1 : a > b ? -1 : 0;
  }
  return (
    STABILITIES.indexOf(first[2]) - STABILITIES.indexOf(second[2]) ||
    Number(first[1]) - Number(second[1]) ||
    Number(first[3] ?? 0) - Number(second[3] ?? 0)
  );
}
