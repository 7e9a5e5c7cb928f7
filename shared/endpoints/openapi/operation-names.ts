/** Names and descriptions of operations, as upstream's installer generates them. */

const VERBS = ['connect', 'create', 'delete', 'get', 'list', 'patch', 'read', 'replace', 'watch'];

/**
 * Keeps letters, and digits after the first letter. A letter after any other character becomes upper case, and in
 * PascalCase the first one too.
 */
export function toIdentifier(text: string, form: 'camelCase' | 'PascalCase'): string {
  let identifier = '';
  let capitalize = form === 'PascalCase';
  for (const [index, char] of [...text].entries()) {
    if (/[A-Za-z_]/.test(char) || (index !== 0 && /\d/.test(char))) {
      identifier += capitalize ? char.toUpperCase() : char;
      capitalize = false;
    } else capitalize = true;
  }
  return identifier;
}

export interface OperationName {
  readonly operationId: string;
  readonly tags: readonly string[];
}

/** `readNamespacedPod` below `/api/v1/...` -> `readCoreV1NamespacedPod`, tagged `core_v1`. */
export function nameOperation(operation: string, path: string): OperationName {
  const verb = VERBS.find((known) => operation.startsWith(known)) ?? '';
  const parts = path.split('/').filter((part) => part !== '');
  if (parts[0] === 'api') parts.splice(0, 1, 'apis', 'core');
  if (parts[0] !== 'apis' || parts.length < 2) {
    const tags = parts.length > 0 ? [toIdentifier(parts[0]!, 'camelCase')] : [];
    return { operationId: operation, tags };
  }
  const group = parts[1]!.replace(/\.k8s\.io$/, '');
  const version = parts[2];
  const names = [group, ...(version === undefined ? [] : [version])];
  const operationId = [...names, operation.slice(verb.length)].map((name) =>
    toIdentifier(name, 'PascalCase'),
  );
  const tag = names.map((name) => toIdentifier(name, 'camelCase')).join('_');
  return { operationId: verb + operationId.join(''), tags: [tag] };
}

/** The noun with its article: ` a Pod`, ` an Ingress`, ` Endpoints`. */
export function withArticle(noun: string): string {
  if (noun.endsWith('s') && !noun.endsWith('ss')) return ` ${noun}`;
  return ` ${/^[aeiouAEIOU]/.test(noun) ? 'an' : 'a'} ${noun}`;
}

/** `ephemeralcontainers` -> `Ephemeralcontainers` */
export const titleCase = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();
