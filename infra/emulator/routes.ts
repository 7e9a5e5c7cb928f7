/** API Gateway's route selection: fixed segments before parameters before the greedy `{proxy+}`. */

export interface RouteMatch<T> {
  readonly target: T;
  readonly resource: string;
  readonly pathParameters: Readonly<Record<string, string>> | null;
}

interface Route<T> {
  readonly method: string;
  readonly path: string;
  readonly segments: readonly string[];
  readonly target: T;
}

const RANKS = { fixed: 0, parameter: 1, greedy: 2 };

function rankOf(segment: string): number {
  if (/^\{.+\+\}$/.test(segment)) return RANKS.greedy;
  return /^\{.+\}$/.test(segment) ? RANKS.parameter : RANKS.fixed;
}

const split = (path: string): string[] => path.split('/').slice(1);

export class RouteTable<T> {
  readonly #routes: Route<T>[];

  constructor(routes: readonly { readonly method: string; readonly path: string; readonly target: T }[]) {
    this.#routes = routes
      .map((route) => ({ ...route, segments: route.path === '/' ? [] : split(route.path) }))
      .sort((a, b) => compareRoutes(a.segments, b.segments));
  }

  match(method: string, path: string): RouteMatch<T> | undefined {
    const segments = path === '/' ? [] : split(path);
    for (const route of this.#routes) {
      if (route.method !== 'ANY' && route.method !== method) continue;
      const parameters = matchSegments(route.segments, segments);
      if (parameters !== undefined) {
        const pathParameters = Object.keys(parameters).length === 0 ? null : parameters;
        return { target: route.target, resource: route.path, pathParameters };
      }
    }
    return undefined;
  }
}

function compareRoutes(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    if (a[i] === undefined || b[i] === undefined) return a[i] === undefined ? -1 : 1;
    const difference = rankOf(a[i]!) - rankOf(b[i]!);
    if (difference !== 0) return difference;
  }
  return 0;
}

function matchSegments(
  route: readonly string[],
  path: readonly string[],
): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [i, segment] of route.entries()) {
    const rank = rankOf(segment);
    if (rank === RANKS.greedy) {
      // `{proxy+}` matches one or more segments, never an empty rest.
      const rest = path.slice(i).join('/');
      if (rest === '') return undefined;
      parameters[segment.slice(1, -2)] = rest;
      return parameters;
    }
    const given = path[i];
    if (given === undefined || given === '') return undefined;
    if (rank === RANKS.parameter) parameters[segment.slice(1, -1)] = given;
    else if (given !== segment) return undefined;
  }
  return route.length === path.length ? parameters : undefined;
}
