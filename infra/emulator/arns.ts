/** ARNs of a template's resources, in AWS's form. */

const PLACE = 'us-east-1:000000000000';

export const tableARN = (name: string): string => `arn:aws:dynamodb:${PLACE}:table/${name}`;

export const functionARN = (name: string): string => `arn:aws:lambda:${PLACE}:function:${name}`;

/** The table in the ARN of a table, or of one of its parts. */
export const tableOfARN = (arn: string): string | undefined => /:table\/([^/]+)/.exec(arn)?.[1];
