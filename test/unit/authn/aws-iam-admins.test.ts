import { describe, expect, test } from 'vitest';
import { withAdmins } from '../../../shared/authn/awsiam/admins.ts';
import type { AWSIAMConfiguration } from '../../../shared/authn/awsiam/configuration.ts';

const CLUSTER = 'zeroplane-acme';
const ROLE = 'arn:aws:iam::111122223333:role/team/Admin';
const USER = 'arn:aws:iam::111122223333:user/anna';
const dev = { username: 'dev', groups: ['dev'] };
const configuration: AWSIAMConfiguration = {
  clusterID: CLUSTER,
  partition: 'aws',
  regions: ['eu-central-1'],
  mappings: new Map([
    ['aws:111122223333:role:dev', dev],
    ['aws:111122223333:role:admin', dev],
  ]),
};

const role = {
  username: 'arn:aws:sts::111122223333:assumed-role/Admin/{{SessionName}}',
  groups: ['system:masters'],
};
const user = { username: USER, groups: ['system:masters'] };

test.each<[string, AWSIAMConfiguration | undefined, string[], unknown]>([
  ['no administrators', undefined, [], undefined],
  ['administrators of a file only', configuration, [], configuration],
  [
    'a role and a user without a file',
    undefined,
    [ROLE, USER],
    {
      clusterID: CLUSTER,
      partition: 'aws',
      regions: [],
      mappings: new Map([
        ['aws:111122223333:role:admin', role],
        ['aws:111122223333:user:anna', user],
      ]),
    },
  ],
  [
    'a role whose entry in the file is overridden',
    configuration,
    [ROLE],
    {
      ...configuration,
      mappings: new Map([
        ['aws:111122223333:role:dev', dev],
        ['aws:111122223333:role:admin', role],
      ]),
    },
  ],
])('%s', (_name, file, arns, expected) => {
  expect(withAdmins(file, { clusterID: CLUSTER, arns })).toEqual(expected);
});

describe('rejected', () => {
  test.each<[string, AWSIAMConfiguration | undefined, string, string[], string]>([
    ['an invalid ARN', undefined, CLUSTER, ['Admin'], '"Admin" is not the ARN of an IAM role or user'],
    [
      'an account',
      undefined,
      CLUSTER,
      ['arn:aws:iam::111122223333:root'],
      'is not the ARN of an IAM role or user',
    ],
    [
      'several partitions',
      undefined,
      CLUSTER,
      [ROLE, 'arn:aws-cn:iam::111122223333:role/A'],
      'ARNs of several partitions: aws, aws-cn',
    ],
    ['no cluster ID', undefined, '', [ROLE], 'admins need the ID of the cluster that their tokens are for'],
    [
      "another cluster's file",
      configuration,
      'other',
      [],
      'the configuration is of cluster "zeroplane-acme", not of "other"',
    ],
    [
      "another partition's file",
      configuration,
      CLUSTER,
      ['arn:aws-cn:iam::111122223333:role/A'],
      'the configuration is of partition aws, not of aws-cn',
    ],
  ])('%s', (_name, file, clusterID, arns, message) => {
    expect(() => withAdmins(file, { clusterID, arns })).toThrow(message);
  });
});
