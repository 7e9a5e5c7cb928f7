/** The routes of an API defined in a template as OpenAPI with API Gateway's integrations. */

import type { TemplateRoute } from './template.ts';

/** A route to an address: API Gateway's integration `http_proxy`. */
export interface ProxyRoute extends Pick<TemplateRoute, 'method' | 'path'> {
  /** `https://host/{proxy}` */
  readonly uri: string;
  /** Parameters set by the integration: `header.x-name` to `context.domainName` or `'a text'`. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface ApiRoutes {
  /** By logical name. */
  readonly functions: ReadonlyMap<string, readonly TemplateRoute[]>;
  readonly proxies: readonly ProxyRoute[];
}

interface Integration {
  readonly type: string;
  readonly uri: string;
  readonly responseTransferMode?: string;
  readonly requestParameters?: Readonly<Record<string, string>>;
}

interface Definition {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly 'x-amazon-apigateway-integration': Integration }>>>
  >;
}

/** `definition`: with references resolved, and ARNs of functions as `readTemplate` creates them. */
export function apiRoutes(definition: unknown): ApiRoutes {
  const functions = new Map<string, TemplateRoute[]>();
  const proxies: ProxyRoute[] = [];
  for (const [path, methods] of Object.entries((definition as Definition | undefined)?.paths ?? {})) {
    for (const [key, { 'x-amazon-apigateway-integration': integration }] of Object.entries(methods)) {
      const method = key === 'x-amazon-apigateway-any-method' ? 'ANY' : key.toUpperCase();
      const { type, uri, responseTransferMode, requestParameters = {} } = integration;
      if (type === 'http_proxy') {
        const parameters = Object.entries(requestParameters).map(([name, value]) => [
          name.replace(/^integration\.request\./, ''),
          value,
        ]);
        proxies.push({ method, path, uri, parameters: Object.fromEntries(parameters) });
        continue;
      }
      const name = /functions\/arn:aws:lambda:[^:]+:\d+:function:(\w+):live\//.exec(uri)![1]!;
      const routes = functions.get(name) ?? [];
      functions.set(name, [...routes, { method, path, isStreaming: responseTransferMode === 'STREAM' }]);
    }
  }
  return { functions, proxies };
}
