/** A local stack of a tenant: its table and keys, and several releases of its functions side by side. */

import { Agent, request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { tablePlace } from '../../functions/adapter/table-place.ts';
import { root } from '../../infra/build/bundle-options.ts';
import { createTable, REGION } from '../../infra/emulator/deployment.ts';
import { startGateway } from '../../infra/emulator/gateway.ts';
import { startParameterStore } from '../../infra/emulator/parameter-store.ts';
import { readTemplate } from '../../infra/emulator/template.ts';
import type { ApiHandler, ApiResponse } from '../../shared/request/api-request.ts';
import { SDKDynamoDBTable } from '../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import { functionBundles } from '../fixtures/function-bundles.ts';
import { testDynamoDBEndpoint } from '../fixtures/storage.ts';

const TEMPLATE = join(root, 'infra/deploy/template.yaml');
const ADMIN = 'of-the-admin';

export interface Stack {
  /** Environment variables by which `zeroplane` commands find the stack. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Starts a release and returns its handler, whose requests are sent by HTTP as an admin. Earlier releases keep
   * running.
   */
  release(): Promise<ApiHandler>;
  /** Ends all releases and the watches they serve. */
  end(): Promise<void>;
  createTable(): Promise<void>;
  deleteTable(): Promise<void>;
  close(): Promise<void>;
}

export async function newStack(tenant: string): Promise<Stack> {
  const parameterStore = await startParameterStore();
  const tokens = `/zeroplane/${tenant}/files/tokens.csv`;
  parameterStore.parameters.set(tokens, `${ADMIN},admin,1,system:masters`);
  const environment = {
    AWS_ENDPOINT_URL_DYNAMODB: await testDynamoDBEndpoint(),
    AWS_ENDPOINT_URL_SSM: parameterStore.endpoint,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
  const parameters = {
    Tenant: tenant,
    ServerArguments: `--token-auth-file=${tokens}`,
    DeletionProtection: 'false',
  };
  const bundles = await functionBundles();
  const running: { close(): Promise<void> }[] = [];
  const end = async (): Promise<void> => {
    await Promise.all(running.splice(0).map((one) => one.close()));
  };
  return {
    environment,
    async release() {
      const gateway = await startGateway({
        ...{ template: TEMPLATE, parameters, bundles },
        environment: () => ({ ...environment, ZEROPLANE_REQUEST_LOG: 'none' }),
      });
      running.push(gateway);
      return asked(gateway.url);
    },
    end,
    async createTable() {
      const { tables } = readTemplate(TEMPLATE, parameters);
      // There is no consumer here.
      const hasStream = false;
      await createTable(tables['Table']!, environment.AWS_ENDPOINT_URL_DYNAMODB, { hasStream });
    },
    async deleteTable() {
      const table = new SDKDynamoDBTable({
        ...tablePlace(environment),
        tableName: `zeroplane-${tenant}`,
        now: Date.now,
      });
      await table.remove();
      table.close();
    },
    async close() {
      await end();
      parameterStore.close();
    },
  };
}

/** A handler that forwards to a gateway's address. */
function asked(url: string): ApiHandler {
  const { hostname, port, pathname: stage } = new URL(url);
  const agent = new Agent({ keepAlive: true });
  return ({ method, path, query, headers, body, signal }) =>
    new Promise<ApiResponse>((resolve, reject) => {
      const sent = httpRequest(
        {
          ...{ agent, hostname, port, method, signal },
          path: `${stage.replace(/\/$/, '')}${path}${query.size === 0 ? '' : `?${query}`}`,
          headers: { ...Object.fromEntries(headers), authorization: `Bearer ${ADMIN}` },
        },
        (answer) =>
          resolve({
            status: answer.statusCode!,
            headers: answer.headers as ApiResponse['headers'],
            body: answer,
          }),
      );
      sent.on('error', reject);
      sent.end(body);
    });
}
