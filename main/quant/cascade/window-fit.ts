/**
 * One window of the cascade written out row by row, by the definitions of MODEL.md 4 to 6: what "show the regression" shows. It
 * shares no code with the kernel, so that the numbers of a run can be compared with it wherever a person looks.
 */

export interface WindowReturns {
  readonly r: Float64Array;
  /** One to three, market first; NaN = missing. */
  readonly etfs: readonly Float64Array[];
}

export interface Slopes {
  /** On the cleaned factors, market first. */
  readonly b: readonly number[];
  readonly sm: number;
  readonly um: number;
  readonly us: number;
}

export interface WindowFit extends Slopes {
  /** 1 where the security and all ETFs have a return. */
  readonly used: Uint8Array;
  readonly count: number;
  readonly weights: Float64Array;
  /** Cleaned factor of each layer, then what each step leaves; NaN on rows that are not used. */
  readonly cleaned: readonly Float64Array[];
  readonly left: readonly Float64Array[];
  readonly collinear: readonly boolean[];
  readonly exposures: readonly number[];
  readonly shares: readonly number[];
  readonly residualShare: number;
}

/** Raw second moments or centred ones, on the used rows. */
export interface Moments {
  mean(x: Float64Array): number;
  cov(x: Float64Array, y: Float64Array): number;
}

export function momentsOf(used: Uint8Array, weights: Float64Array, intercept: boolean): Moments {
  let total = 0;
  for (let t = 0; t < used.length; t++) if (used[t]) total += weights[t]!;
  const mean = (x: Float64Array): number => {
    let sum = 0;
    for (let t = 0; t < used.length; t++) if (used[t]) sum += weights[t]! * x[t]!;
    return sum / total;
  };
  const cov = (x: Float64Array, y: Float64Array): number => {
    const [a, b] = intercept ? [mean(x), mean(y)] : [0, 0];
    let sum = 0;
    for (let t = 0; t < used.length; t++) if (used[t]) sum += weights[t]! * (x[t]! - a) * (y[t]! - b);
    return sum / total;
  };
  return { mean, cov };
}

/**
 * Fits the window whose last row is the date. `given`: draw these slopes instead of estimating (an estimator that is not least
 * squares). A factor left with under 1e-6 of its variance is collinear: its slope and links are 0.
 */
export function fitWindow(
  { r, etfs }: WindowReturns,
  settings: { intercept: boolean; halfLife: number | null },
  given?: Slopes,
): WindowFit {
  const rows = r.length;
  const used = new Uint8Array(rows);
  const weights = new Float64Array(rows);
  let count = 0;
  for (let t = 0; t < rows; t++) {
    weights[t] = settings.halfLife === null ? 1 : 0.5 ** ((rows - 1 - t) / settings.halfLife);
    if ([r, ...etfs].every((x) => Number.isFinite(x[t]))) count += used[t] = 1;
  }
  const { cov } = momentsOf(used, weights, settings.intercept);
  const minus = (x: Float64Array, f: number, y: Float64Array): Float64Array =>
    x.map((value, t) => (used[t] ? value - (f === 0 ? 0 : f * y[t]!) : NaN));

  const cleaned: Float64Array[] = [];
  const collinear: boolean[] = [];
  const links = { sm: given?.sm ?? 0, um: given?.um ?? 0, us: given?.us ?? 0 };
  const LINK = [[], ['sm'], ['um', 'us']] as const;
  etfs.forEach((etf, layer) => {
    let clean = minus(etf, 0, etf);
    LINK[layer]!.forEach((name, j) => {
      const factor = cleaned[j]!;
      if (!given && !collinear[j]) links[name] = cov(clean, factor) / cov(factor, factor);
      clean = minus(clean, links[name], factor);
    });
    collinear.push(layer > 0 && !(cov(clean, clean) >= 1e-6 * cov(etf, etf)));
    cleaned.push(clean);
  });

  const b: number[] = [];
  const left = [minus(r, 0, r)];
  cleaned.forEach((factor, layer) => {
    const rest = left.at(-1)!;
    b.push(given ? (given.b[layer] ?? 0) : collinear[layer] ? 0 : cov(rest, factor) / cov(factor, factor));
    left.push(minus(rest, b[layer]!, factor));
  });

  const exposures = exposuresOf(b, links);
  let residual = left[0]!;
  exposures.forEach((h, layer) => (residual = minus(residual, h, etfs[layer]!)));
  const all = cov(r, r);
  return {
    used,
    count,
    weights,
    cleaned,
    left,
    collinear,
    b,
    ...links,
    exposures,
    shares: b.map((slope, layer) => (slope ** 2 * cov(cleaned[layer]!, cleaned[layer]!)) / all),
    residualShare: cov(residual, residual) / all,
  };
}

/** Exposures on the raw ETFs from the slopes on the cleaned factors (MODEL.md 5). */
export function exposuresOf(b: readonly number[], { sm, um, us }: Omit<Slopes, 'b'>): number[] {
  const u = b[2] ?? 0;
  const s = (b[1] ?? 0) - us * u;
  return [b[0]! - sm * s - um * u, s, u].slice(0, b.length);
}

/** Slopes on the cleaned factors behind exposures on the raw ETFs and the links of the same fit; a link that is needed and missing makes NaN. */
export function slopesOf(exposures: readonly number[], { sm, um, us }: { readonly [link in 'sm' | 'um' | 'us']: number | null }): number[] {
  const [m = 0, s = 0, u = 0] = exposures;
  const times = (x: number, link: number | null): number => (x === 0 ? 0 : x * (link ?? NaN));
  if (exposures.length === 1) return [m];
  if (exposures.length === 2) return [m + times(s, sm), s];
  return [m + times(s, sm) + times(u, um), s + times(u, us), u];
}
