/** The encoded header, claims and signature of a JWT; undefined if there aren't three parts. Reads no further than a fourth part. */
export function jwtParts(
  token: string,
): readonly [header: string, claims: string, signature: string] | undefined {
  const [header, claims, signature, ...more] = token.split('.', 4);
  if (header === undefined || claims === undefined || signature === undefined || more.length > 0)
    return undefined;
  return [header, claims, signature];
}
