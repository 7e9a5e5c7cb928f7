/** Location of the table and credentials for it, from the environment. */

type Environment = Readonly<Record<string, string | undefined>>;

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface TablePlace {
  readonly endpoint?: string;
  readonly region?: string;
  /** For an emulated DynamoDB; in AWS the SDK finds them. */
  readonly credentials?: Credentials;
}

/** From `AWS_ENDPOINT_URL_DYNAMODB`, `AWS_REGION` and, for an emulated DynamoDB, the caller's keys. */
export function tablePlace(environment: Environment): TablePlace {
  const { AWS_ENDPOINT_URL_DYNAMODB: endpoint } = environment;
  const { credentials, ...region } = tableCaller(environment);
  return { ...region, ...(endpoint && { endpoint, ...(credentials && { credentials }) }) };
}

/** The caller's identity for an emulated DynamoDB: some emulators separate tables by caller and region. */
export function tableCaller(environment: Environment): Pick<TablePlace, 'region' | 'credentials'> {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = environment;
  const { AWS_SESSION_TOKEN: sessionToken, AWS_REGION: region } = environment;
  const credentials: Credentials | undefined =
    accessKeyId && secretAccessKey
      ? { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) }
      : undefined;
  return { ...(region && { region }), ...(credentials && { credentials }) };
}
