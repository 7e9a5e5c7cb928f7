// An execution environment of a function: a thread with its own environment variables that handles one invocation at a
// time, with the streaming interface of Lambda's Node runtime.
import { Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');

/** Passes the handler's output to the host, one chunk at a time, waiting until each is received. */
class ResponseStream extends Writable {
  #id;

  constructor(id) {
    super();
    this.#id = id;
  }

  setContentType() {}

  _write(chunk, _encoding, done) {
    const bytes = Buffer.from(chunk);
    parentPort.postMessage({ type: 'chunk', id: this.#id, bytes });
    taken = done;
  }

  _final(done) {
    parentPort.postMessage({ type: 'end', id: this.#id });
    done();
  }
}

/** Called when the host has received the last chunk. */
let taken = () => {};

globalThis.awslambda = {
  streamifyResponse: (handler) => Object.assign(handler, { [STREAMING]: true }),
  HttpResponseStream: {
    from(stream, metadata) {
      stream.write(JSON.stringify(metadata));
      stream.write(Buffer.alloc(8));
      return stream;
    },
  },
};

const { file, exportName } = workerData;
const module = await import(pathToFileURL(file).href);
const handler = module[exportName];
parentPort.postMessage({ type: 'ready' });

parentPort.on('message', async (message) => {
  if (message.type === 'taken') {
    taken();
    return;
  }
  const { id, event, context } = message;
  const lambdaContext = { ...context, getRemainingTimeInMillis: () => context.deadline - Date.now() };
  try {
    if (handler[STREAMING]) {
      await handler(event, new ResponseStream(id), lambdaContext);
    } else {
      parentPort.postMessage({ type: 'result', id, result: await handler(event, lambdaContext) });
    }
  } catch (error) {
    parentPort.postMessage({ type: 'error', id, message: String(error?.stack ?? error) });
  }
});
