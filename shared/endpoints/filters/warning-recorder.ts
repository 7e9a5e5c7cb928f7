import type { Filter } from '../handler.ts';
import { withHeaders } from '../serving-context.ts';

/** Sends the warnings that the request gave rise to (RFC 7234 section 5.5, code 299). */
export const withWarningRecorder: Filter = async (context, next) => {
  const response = await next(context);
  const warnings = context.warnings();
  if (warnings.length === 0) return response;
  return withHeaders(response, { warning: warnings.map(warningHeader) });
};

/** Quoted as apimachinery's `NewWarningHeader`: no control characters, and UTF-8 as it is. */
function warningHeader(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must go
  const clean = text.replace(/[\x00-\x1f\x7f]/g, ' ').replace(/[\\"]/g, '\\$&');
  return `299 - "${clean}"`;
}
