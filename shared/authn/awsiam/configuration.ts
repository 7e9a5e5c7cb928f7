/**
 * Maps IAM identities to users: `mapRoles` and `mapUsers` of `aws-auth` and `aws-iam-authenticator`
 * (https://github.com/kubernetes-sigs/aws-iam-authenticator#full-configuration-format).
 */

import { ConfigFieldsError } from '../../meta/config-fields-error.ts';
import { duplicate, type FieldError, invalid, required } from '../../meta/field-error.ts';
import { FieldPath } from '../../meta/field-path.ts';
import {
  type ConfigKind,
  decodeConfigFile,
  listOf,
  STRING,
  STRINGS,
  structOf,
} from '../../runtime/config-file.ts';
import { identityKey, parseIAMARN } from './arn.ts';
import { AWS_PARTITIONS, type PresignedRequestRules } from './presigned-request.ts';
import { PLACEHOLDER } from './render-username.ts';

export interface IAMMapping {
  /**
   * May contain `{{AccountID}}`, `{{SessionName}}` (`@` replaced by `-`), `{{SessionNameRaw}}` and `{{AccessKeyID}}`.
   */
  readonly username: string;
  readonly groups: readonly string[];
}

export interface AWSIAMConfiguration extends PresignedRequestRules {
  /** The cluster ID that tokens must be signed for. */
  readonly clusterID: string;
  /** By `identityKey`. */
  readonly mappings: ReadonlyMap<string, IAMMapping>;
}

interface Written {
  readonly clusterID?: string;
  readonly partition?: string;
  readonly regions?: readonly string[];
  readonly mapRoles?: readonly WrittenMapping[];
  readonly mapUsers?: readonly WrittenMapping[];
}

interface WrittenMapping {
  readonly roleARN?: string;
  readonly userARN?: string;
  readonly username?: string;
  readonly groups?: readonly string[];
}

const mapping = (name: string, arn: string) =>
  listOf(structOf(name, { [arn]: STRING, username: STRING, groups: STRINGS }));

const CONFIGURATION: ConfigKind = {
  group: 'apiserver.config.zeroplane',
  versions: ['v1alpha1'],
  kind: 'AWSIAMAuthenticationConfiguration',
  fields: {
    clusterID: STRING,
    partition: STRING,
    regions: STRINGS,
    mapRoles: mapping('RoleMapping', 'roleARN'),
    mapUsers: mapping('UserMapping', 'userARN'),
  },
};

const PLACEHOLDERS = new Set(['AccountID', 'SessionName', 'SessionNameRaw', 'AccessKeyID']);

function usernameProblem(username: string): string | undefined {
  for (const [, name] of username.matchAll(PLACEHOLDER)) {
    if (!PLACEHOLDERS.has(name!)) return `unknown placeholder {{${name}}}`;
  }
  return username.replaceAll(PLACEHOLDER, '').includes('{{')
    ? 'has a placeholder that does not end'
    : undefined;
}

/** Rejects with a `ConfigFileError` that lists all errors. */
export async function parseAWSIAMConfiguration(text: string): Promise<AWSIAMConfiguration> {
  const { config } = await decodeConfigFile<Written>(text, CONFIGURATION);
  const { clusterID = '', partition = 'aws', regions = [] } = config;
  const errors: FieldError[] = [];
  if (clusterID === '') errors.push(required(FieldPath.of('clusterID'), ''));
  else if (!/^[!-~]+$/.test(clusterID)) {
    errors.push(invalid(FieldPath.of('clusterID'), clusterID, 'must be fit for a header'));
  }
  if (!AWS_PARTITIONS.includes(partition)) {
    const detail = `supported values: ${AWS_PARTITIONS.join(', ')}`;
    errors.push(invalid(FieldPath.of('partition'), partition, detail));
  }
  const mappings = new Map<string, IAMMapping>();
  for (const [list, arnField, kind] of [
    ['mapRoles', 'roleARN', 'role'],
    ['mapUsers', 'userARN', 'user'],
  ] as const) {
    for (const [index, { [arnField]: arn = '', username = '', groups = [] }] of (
      config[list] ?? []
    ).entries()) {
      const path = FieldPath.of(list).index(index);
      const identity = parseIAMARN(arn);
      if (identity?.kind !== kind || identity.partition !== partition) {
        errors.push(
          invalid(path.child(arnField), arn, `must be the ARN of a ${kind} in partition ${partition}`),
        );
        continue;
      }
      if (mappings.has(identityKey(identity))) errors.push(duplicate(path.child(arnField), arn));
      const problem = usernameProblem(username);
      if (username === '') errors.push(required(path.child('username'), ''));
      else if (problem !== undefined) errors.push(invalid(path.child('username'), username, problem));
      mappings.set(identityKey(identity), { username, groups });
    }
  }
  if (errors.length > 0) throw new ConfigFieldsError(errors);
  return { clusterID, partition, regions, mappings };
}
