/**
 * Validates the options for browsers
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/server/options/server_run_options.go).
 */

import type { CompletedOptions } from './completed-options.ts';

const ORIGINS_HELP =
  "List of allowed origins for CORS, comma separated. An allowed origin can be a regular expression to support subdomain matching. If this list is empty CORS will not be enabled. Please ensure each expression matches the entire hostname by anchoring to the start with '^' or including the '//' prefix, and by anchoring to the end with '$' or including the ':' port separator suffix. Examples of valid expressions are '//example\\.com(:|$)' and '^https://example\\.com(:|$)'";

const HSTS_ERROR =
  '--strict-transport-security-directives invalid, allowed values: max-age=expireTime, includeSubDomains, preload. see https://tools.ietf.org/html/rfc6797#section-6.1 for more information';

export function originErrors({ corsAllowedOrigins, allowedOrigins }: CompletedOptions): string[] {
  return corsAllowedOrigins.flatMap((pattern, index) => {
    if (pattern === '') return [`empty value in --cors-allowed-origins, help: ${ORIGINS_HELP}`];
    const why = allowedOrigins?.[index]?.syntaxError() ?? pinningError(pattern);
    return why === undefined
      ? []
      : [`--cors-allowed-origins has an invalid regular expression: ${why}, help: ${ORIGINS_HELP}`];
  });
}

/** Requires anchors, without which `example.com` would match pages of `example.com.evil.org`. */
function pinningError(pattern: string): string | undefined {
  const hasStart = ['^', '//'].some((mark) => pattern.includes(mark));
  const hasEnd = ['$', ':'].some((mark) => pattern.includes(mark));
  return hasStart && hasEnd
    ? undefined
    : 'regular expression does not pin to start/end of host in the origin header';
}

export function transportSecurityErrors({ strictTransportSecurityDirectives }: CompletedOptions): string[] {
  return strictTransportSecurityDirectives.flatMap((directive) => {
    if (directive.trim() === '') return ['empty value in strict-transport-security-directives'];
    return /^(?:includeSubDomains|preload|max-age=[^=]*)$/.test(directive) ? [] : [HSTS_ERROR];
  });
}
