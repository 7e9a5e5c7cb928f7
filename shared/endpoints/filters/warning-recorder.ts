import type { Filter } from '../routing/handler.ts';
import { withHeaders } from '../routing/serving-context.ts';

/** Sends the warnings recorded during the request (RFC 7234 section 5.5, code 299). */
export const withWarningRecorder: Filter = async (context, next) => {
  const response = await next(context);
  const warnings = context.warnings();
  if (warnings.length === 0) return response;
  return withHeaders(response, { warning: warnings.map(warningHeader) });
};

/**
 * Quoted as by apimachinery's `NewWarningHeader`. Encodes UTF-8 as one character per byte, as header values require.
 */
function warningHeader(text: string): string {
  const quoted = text.replace(/[\\"]/g, '\\$&');
  return Buffer.from(`299 - "${quoted}"`).toString('latin1');
}
