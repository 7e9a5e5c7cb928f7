/** Emulates CloudFormation for a custom resource: an event, and an address for the response. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface BootstrapEvent {
  readonly event: Readonly<Record<string, unknown>>;
  /** Resolves when the resource is created. Throws Error with its reason if that fails. */
  done(): Promise<void>;
}

export async function startBootstrapEvent(): Promise<BootstrapEvent> {
  let answered: (answer: { Status: string; Reason?: string }) => void = () => undefined;
  const answer = new Promise<{ Status: string; Reason?: string }>((resolve) => {
    answered = resolve;
  });
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    response.end();
    answered(JSON.parse(Buffer.concat(chunks).toString()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    event: {
      RequestType: 'Create',
      ResponseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      StackId: 'arn:aws:cloudformation:us-east-1:000000000000:stack/local/1',
      RequestId: crypto.randomUUID(),
      LogicalResourceId: 'Bootstrap',
      ResourceType: 'Custom::Bootstrap',
      ResourceProperties: {},
    },
    async done() {
      const { Status, Reason } = await answer;
      server.close();
      if (Status !== 'SUCCESS') throw new Error(Reason);
    },
  };
}
