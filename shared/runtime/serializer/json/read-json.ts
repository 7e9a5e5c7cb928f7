import { inPieces, READ_AT_ONCE } from '../../../util/breathe.ts';
import { parseJSON } from '../../../util/exact-json.ts';
import { textOfBytes } from '../../../util/text-of-bytes.ts';
import { checkSyntaxInPieces } from './syntax-error.ts';
import { parseInPieces } from './untyped-decoders.ts';

/** Parses the answer of another server, in pieces if it is large. Throws a SyntaxError, or an error with the position of the mistake. */
export async function readJSON(answer: Uint8Array): Promise<unknown> {
  if (answer.length <= READ_AT_ONCE) return parseJSON(textOfBytes(answer));
  await inPieces(checkSyntaxInPieces(answer));
  return inPieces(parseInPieces(textOfBytes(answer)));
}
