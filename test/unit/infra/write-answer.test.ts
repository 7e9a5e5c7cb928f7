import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { AnswersInFlight } from '../../../infra/local/http/answers-in-flight.ts';
import { type NodeResponse, writeAnswer } from '../../../infra/local/http/write-answer.ts';
import type { ApiResponse } from '../../../shared/request/api-request.ts';
import { currentTurn, Holder, Turn, takeTurn } from '../../../shared/util/turns.ts';

const PIECE = new Uint8Array(256 * 1024);

async function* pieces(count: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < count; i++) yield PIECE;
}

/** A client that receives each piece a while later; records the turn in which each is written. */
class SlowResponse extends EventEmitter {
  statusCode = 0;
  readonly socket = null;
  readonly turns: (Turn | undefined)[] = [];

  setHeader(): void {}
  flushHeaders(): void {}
  end(): void {}

  write(_: Uint8Array, taken?: () => void): boolean {
    this.turns.push(currentTurn());
    setTimeout(() => {
      taken?.();
      this.emit('drain');
    });
    return false;
  }
}

test.each<[string, ApiResponse['body']]>([
  ['whole', new Uint8Array(4 * PIECE.length)],
  ['streamed', pieces(4)],
])('a large %s response is written in the turn of its request', async (_, body) => {
  const response = new SlowResponse();
  const turn = new Turn(new Holder());
  takeTurn(turn);
  await writeAnswer({ status: 200, headers: {}, body }, response as unknown as NodeResponse, {
    isGone: () => false,
    answers: new AnswersInFlight(),
    connection: {},
  });
  expect(response.turns).toEqual([turn, turn, turn, turn]);
});
