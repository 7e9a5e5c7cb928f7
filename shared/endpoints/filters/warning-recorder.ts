import type { Filter } from '../routing/handler.ts';
import { withHeaders } from '../routing/serving-context.ts';

/** Sends the warnings that the request gave rise to (RFC 7234 section 5.5, code 299). */
export const withWarningRecorder: Filter = async (context, next) => {
  const response = await next(context);
  const warnings = context.warnings();
  if (warnings.length === 0) return response;
  return withHeaders(response, { warning: warnings.map(warningHeader) });
};

/** Quoted as apimachinery's `NewWarningHeader`. Header values are bytes, a character each: here, those of UTF-8. */
function warningHeader(text: string): string {
  const quoted = text.replace(/[\\"]/g, '\\$&');
  return Buffer.from(`299 - "${quoted}"`).toString('latin1');
}
