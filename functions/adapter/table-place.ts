/** Where the environment says that the table is, and who asks: what a host tells its storage. */

type Environment = Readonly<Record<string, string | undefined>>;

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface TablePlace {
  readonly endpoint?: string;
  readonly region?: string;
  /** For a DynamoDB of one's own; in AWS the SDK finds them. */
  readonly credentials?: Credentials;
}

/** Of `AWS_ENDPOINT_URL_DYNAMODB`, `AWS_REGION` and, for a DynamoDB of one's own, the caller's keys. */
export function tablePlace(environment: Environment): TablePlace {
  const { AWS_ENDPOINT_URL_DYNAMODB: endpoint } = environment;
  const { credentials, ...region } = tableCaller(environment);
  return { ...region, ...(endpoint && { endpoint, ...(credentials && { credentials }) }) };
}

/** Who asks a DynamoDB of one's own: some emulators keep tables apart by caller and region. */
export function tableCaller(environment: Environment): Pick<TablePlace, 'region' | 'credentials'> {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = environment;
  const { AWS_SESSION_TOKEN: sessionToken, AWS_REGION: region } = environment;
  const credentials: Credentials | undefined =
    accessKeyId && secretAccessKey
      ? { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) }
      : undefined;
  return { ...(region && { region }), ...(credentials && { credentials }) };
}
