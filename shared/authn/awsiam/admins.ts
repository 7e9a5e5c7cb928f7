/** IAM identities with administrator rights, for bootstrapping access to a cluster. */

import { SYSTEM_PRIVILEGED_GROUP } from '../../request/user-info.ts';
import { type IAMIdentity, identityKey, parseIAMARN } from './arn.ts';
import type { AWSIAMConfiguration, IAMMapping } from './configuration.ts';

export interface IAMAdmins {
  /** The cluster ID that tokens must be signed for. */
  readonly clusterID: string;
  /** ARNs of roles and users. */
  readonly arns: readonly string[];
}

/** The username that EKS gives an identity whose access entry does not set one. */
function usernameOf(arn: string, { partition, account, kind, name }: IAMIdentity): string {
  return kind === 'user' ? arn : `arn:${partition}:sts::${account}:assumed-role/${name}/{{SessionName}}`;
}

function mappingsOf(arns: readonly string[]) {
  const mappings = new Map<string, IAMMapping>();
  const partitions = new Set<string>();
  for (const arn of arns) {
    const identity = parseIAMARN(arn);
    if (identity === undefined)
      throw new Error(`${JSON.stringify(arn)} is not the ARN of an IAM role or user`);
    partitions.add(identity.partition);
    mappings.set(identityKey(identity), {
      username: usernameOf(arn, identity),
      groups: [SYSTEM_PRIVILEGED_GROUP],
    });
  }
  if (partitions.size > 1) throw new Error(`ARNs of several partitions: ${[...partitions].join(', ')}`);
  return { mappings, partition: [...partitions][0] };
}

/**
 * Adds the admins to the configuration, overriding its mappings for the same identities. Undefined if there are no
 * identities at all. Throws Error for invalid ARNs, and for a configuration of another cluster or partition.
 */
export function withAdmins(
  configuration: AWSIAMConfiguration | undefined,
  { clusterID, arns }: IAMAdmins,
): AWSIAMConfiguration | undefined {
  if (configuration !== undefined && clusterID !== '' && clusterID !== configuration.clusterID) {
    throw new Error(
      `the configuration is of cluster ${JSON.stringify(configuration.clusterID)}, not of ${JSON.stringify(clusterID)}`,
    );
  }
  const { mappings, partition } = mappingsOf(arns);
  if (partition === undefined) return configuration;
  if (configuration === undefined) {
    if (clusterID === '') throw new Error('admins need the ID of the cluster that their tokens are for');
    return { clusterID, partition, regions: [], mappings };
  }
  if (configuration.partition !== partition) {
    throw new Error(`the configuration is of partition ${configuration.partition}, not of ${partition}`);
  }
  return { ...configuration, mappings: new Map([...configuration.mappings, ...mappings]) };
}
