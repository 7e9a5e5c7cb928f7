/**
 * A function's connection to its table: with its own request signing if that suffices, otherwise with the AWS SDK,
 * which is loaded then.
 */

import type { ConnectedTableOptions } from '../../shared/storage/dynamodb/connected-table.ts';
import { LazyTable } from '../../shared/storage/dynamodb/lazy-table.ts';
import type { SDKDynamoDBTable } from '../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import {
  type CredentialsProvider,
  SignedDynamoDBTable,
} from '../../shared/storage/dynamodb/signed-dynamodb-table.ts';
import { tableCaller, tablePlace } from './table-place.ts';

type SDKCredentials = ConstructorParameters<typeof SDKDynamoDBTable>[0]['credentials'];

/** Variables that make the SDK use other than a region's standard endpoint. */
const OTHER_CREDENTIALS = [
  'AWS_ENDPOINT_URL',
  'AWS_USE_FIPS_ENDPOINT',
  'AWS_USE_DUALSTACK_ENDPOINT',
  'AWS_ACCOUNT_ID',
];

/**
 * Regions with endpoints below `amazonaws.com`, in China below another domain
 * (https://docs.aws.amazon.com/general/latest/gr/ddb.html). Endpoints of regions not of this form are known only to the
 * SDK.
 */
const REGION = /^(?:af|ap|ca|cn|eu|il|me|mx|sa|us)-(?:gov-)?(?:central|(?:north|south)?(?:east|west)?)-\d+$/;

/** A service's regional endpoint; undefined if only the SDK can determine it. */
export function serviceEndpoint(
  environment: NodeJS.ProcessEnv,
  { name, region }: { readonly name: 'dynamodb' | 'sts'; readonly region: string },
): string | undefined {
  const given = environment[`AWS_ENDPOINT_URL_${name.toUpperCase()}`];
  if (given) return given;
  if (!REGION.test(region) || OTHER_CREDENTIALS.some((variable) => environment[variable])) return undefined;
  return `https://${name}.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

/** DynamoDB's endpoint; undefined if only the SDK can determine it. */
export const endpointOf = (environment: NodeJS.ProcessEnv, region: string): string | undefined =>
  serviceEndpoint(environment, { name: 'dynamodb', region });

export interface FunctionTableOptions extends Pick<ConnectedTableOptions, 'tableName' | 'onCapacity'> {
  /** Absent: the function's own. */
  readonly credentials?: CredentialsProvider | undefined;
}

export type FunctionTable = SignedDynamoDBTable | LazyTable;

export function functionTable(
  environment: NodeJS.ProcessEnv,
  { credentials: given, ...options }: FunctionTableOptions,
): FunctionTable {
  const { region = '', credentials: own } = tableCaller(environment);
  const credentials = given ?? own;
  const endpoint = endpointOf(environment, region);
  // Lambda's credentials are valid for the lifetime of the environment.
  if (endpoint !== undefined && region !== '' && credentials !== undefined)
    return new SignedDynamoDBTable({ ...options, endpoint, region, credentials });
  return new LazyTable(async () => {
    const { SDKDynamoDBTable } = await import('../../shared/storage/dynamodb/sdk-dynamodb-table.ts');
    const { credentials: found, ...place } = tablePlace(environment);
    return new SDKDynamoDBTable({ ...options, ...place, credentials: (given ?? found) as SDKCredentials });
  });
}
