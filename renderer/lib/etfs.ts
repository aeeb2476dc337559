/** ETFs of the map met in searches and books: a security screen can explain them without asking for rows they do not have. */
const known = new Map<number, string>();

export const noteEtf = (securityId: number, ticker: string): void => void known.set(securityId, ticker);
export const etfOf = (securityId: number): string | undefined => known.get(securityId);

/** The workspace changed: numbers mean other securities. */
export const forgetEtfs = (): void => known.clear();
