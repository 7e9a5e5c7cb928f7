// The upper bound for this machine: node:https serving constant bytes. Reads the responses from standard input as JSON
// `{path: {status, body}}`, and prints its port.
import { createServer } from 'node:https';

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { key, cert, answers } = JSON.parse(Buffer.concat(chunks).toString());
const bodies = new Map(Object.entries(answers).map(([path, body]) => [path, Buffer.from(body)]));
const server = createServer(
  { key, cert, requestCert: true, rejectUnauthorized: false },
  (request, response) => {
    request.resume();
    request.on('end', () => {
      const body = bodies.get(request.url);
      response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(body);
    });
  },
);
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.once('SIGTERM', () => process.exit(0));
