import { inPieces } from '../util/breathe.ts';
import { stringifyInPieces } from '../util/exact-json.ts';
import { RawJSON } from '../util/raw-json.ts';
import type { AuditEvent } from './event.ts';

/** The JSON of an event, whose objects may be `RawJSON`. */
export function eventJSON(event: AuditEvent): string | Promise<string> {
  const { requestObject, responseObject } = event;
  if (!(requestObject instanceof RawJSON) && !(responseObject instanceof RawJSON))
    return inPieces(stringifyInPieces(event));
  return withRawObjects(event);
}

/** Writes marks in place of raw objects, and replaces them by the texts. */
async function withRawObjects(event: AuditEvent): Promise<string> {
  const { requestObject, responseObject } = event;
  const mark = crypto.randomUUID();
  const marked = {
    ...event,
    ...(requestObject instanceof RawJSON && { requestObject: `${mark}?` }),
    ...(responseObject instanceof RawJSON && { responseObject: `${mark}!` }),
  };
  let text = await inPieces(stringifyInPieces(marked));
  for (const [end, object] of [
    ['?', requestObject],
    ['!', responseObject],
  ] as const) {
    if (!(object instanceof RawJSON)) continue;
    const quoted = JSON.stringify(mark + end);
    const at = text.lastIndexOf(quoted);
    text = text.slice(0, at) + object.text + text.slice(at + quoted.length);
  }
  return text;
}
