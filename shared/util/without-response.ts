import type { ClientRequest } from 'node:http';

/**
 * Calls `fail` if the request ends without a response. Node closes the connection without an error event when a server
 * switches to another protocol unasked.
 */
export function whenWithoutResponse(request: ClientRequest, fail: (error: Error) => void): void {
  let isAnswered = false;
  request.once('response', () => {
    isAnswered = true;
  });
  request.on('error', fail);
  request.once('close', () => {
    if (!isAnswered) fail(new Error('connection closed without a response'));
  });
}
