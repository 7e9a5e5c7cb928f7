/** Answers that no control plane has given: they leave a record as well, of what little is known. */

import type { StatusError } from '../meta/status-error.ts';
import type { ApiRequest, ApiResponse } from '../request/api-request.ts';
import { statusResponse } from '../request/status-response.ts';

export function earlyAnswer(
  { method, path, onEnd }: ApiRequest,
  error: StatusError,
  tenant?: string,
): ApiResponse {
  const answer = statusResponse(error);
  onEnd?.({
    ...{ auditID: '', verb: method.toLowerCase(), group: '', version: '', resource: '', subresource: '' },
    ...{ namespace: '', name: '', path, status: answer.status, milliseconds: 0, isLongRunning: false },
    bytes: (answer.body as Uint8Array).byteLength,
    ...(tenant !== undefined && { tenant }),
  });
  return answer;
}
