/** The way of a function to its table: signed by itself where that is all there is to it, else by AWS's SDK, loaded then. */

import type { ConnectedTableOptions } from '../../shared/storage/dynamodb/connected-table.ts';
import { LaterTable } from '../../shared/storage/dynamodb/later-table.ts';
import type { SDKDynamoDBTable } from '../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import {
  type CredentialsProvider,
  SignedDynamoDBTable,
} from '../../shared/storage/dynamodb/signed-dynamodb-table.ts';
import { tableCaller, tablePlace } from './table-place.ts';

type SDKCredentials = ConstructorParameters<typeof SDKDynamoDBTable>[0]['credentials'];

/** What has the SDK look elsewhere than at a region's own endpoint. */
const ELSEWHERE = [
  'AWS_ENDPOINT_URL',
  'AWS_USE_FIPS_ENDPOINT',
  'AWS_USE_DUALSTACK_ENDPOINT',
  'AWS_ACCOUNT_ID',
];

/**
 * Regions whose endpoints are below `amazonaws.com`, and in China below another domain
 * (https://docs.aws.amazon.com/general/latest/gr/ddb.html). Of those that are not of this form only the SDK knows.
 */
const REGION = /^(?:af|ap|ca|cn|eu|il|me|mx|sa|us)-(?:gov-)?(?:central|(?:north|south)?(?:east|west)?)-\d+$/;

/** Of DynamoDB; undefined where only the SDK can tell. */
export function endpointOf(environment: NodeJS.ProcessEnv, region: string): string | undefined {
  const given = environment['AWS_ENDPOINT_URL_DYNAMODB'];
  if (given) return given;
  if (!REGION.test(region) || ELSEWHERE.some((name) => environment[name])) return undefined;
  return `https://dynamodb.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

export interface FunctionTableOptions extends Pick<ConnectedTableOptions, 'tableName' | 'onCapacity'> {
  /** Absent: the function's own. */
  readonly credentials?: CredentialsProvider | undefined;
}

export type FunctionTable = SignedDynamoDBTable | LaterTable;

export function functionTable(
  environment: NodeJS.ProcessEnv,
  { credentials: given, ...options }: FunctionTableOptions,
): FunctionTable {
  const { region = '', credentials: own } = tableCaller(environment);
  const credentials = given ?? own;
  const endpoint = endpointOf(environment, region);
  // Lambda gives credentials that are good for as long as the environment is.
  if (endpoint !== undefined && region !== '' && credentials !== undefined)
    return new SignedDynamoDBTable({ ...options, endpoint, region, credentials });
  return new LaterTable(async () => {
    const { SDKDynamoDBTable } = await import('../../shared/storage/dynamodb/sdk-dynamodb-table.ts');
    const { credentials: found, ...place } = tablePlace(environment);
    return new SDKDynamoDBTable({ ...options, ...place, credentials: (given ?? found) as SDKCredentials });
  });
}
