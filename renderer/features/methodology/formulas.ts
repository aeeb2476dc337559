/** The formulas of the model by section, in the notation of `typeset.ts`, and the glossary. */

interface Formula {
  readonly title: string;
  readonly lines: readonly string[];
  readonly note: string;
}

export interface Section {
  /** Second part of the screen's address. */
  readonly id: string;
  readonly title: string;
  readonly lead: string;
  readonly formulas: readonly Formula[];
}

export const SECTIONS: readonly Section[] = [
  {
    id: 'cascade',
    title: 'Cascade',
    lead: 'A stock’s return r is regressed on three ETFs one after the other: market m, sector s, subsector u. Each ETF is first cleaned of the layers above it. All moments are those of the window ending on the date; nothing after the date is read.',
    formulas: [
      {
        title: 'Cleaned factors',
        lines: [
          's* = s - lam_sm * m, "   " lam_sm = {Cov(s, m)|Var(m)}',
          'u* = u - lam_um * m - lam_us * s*, "   " lam_um = {Cov(u, m)|Var(m)}, "   " lam_us = {Cov(u, s*)|Var(s*)}',
        ],
        note: 'λ are the link betas between ETFs: how much of the market is in the sector ETF, and of both in the subsector ETF.',
      },
      {
        title: 'Slopes',
        lines: [
          'b_m = {Cov(r, m)|Var(m)}, "   " e_1 = r - b_m * m',
          'b_s = {Cov(e_1, s*)|Var(s*)}, "   " e_2 = e_1 - b_s * s*',
          'b_u = {Cov(e_2, u*)|Var(u*)}, "   " e_3 = e_2 - b_u * u*',
        ],
        note: 'Each slope explains what the layers above it left over. With the setting “intercept” off, every Var and Cov is the raw second moment.',
      },
    ],
  },
  {
    id: 'exposures',
    title: 'Exposures and hedge ratios',
    lead: 'Nobody trades a cleaned factor. Substituting back gives dollars of the raw ETFs. They equal the coefficients of one joint regression of r on the raw ETFs.',
    formulas: [
      {
        title: 'Exposures on the raw ETFs',
        lines: ['h_u = b_u', 'h_s = b_s - lam_us * h_u', 'h_m = b_m - lam_sm * h_s - lam_um * h_u'],
        note: '$1 of the stock behaves like h dollars of the ETF. Level 2 has hₛ = bₛ; level 1 has hₘ = bₘ. Each level is a complete hedge of its own: three ratios cut to two are not the level 2 hedge.',
      },
      {
        title: 'Hedge ratio',
        lines: ['HR = -h', 'r_t = sum h_i f_i,t + e_t'],
        note: 'Dollars of the ETF to trade per $1 of stock held long; negative = sell. The second line is the replication identity, checked on every row.',
      },
    ],
  },
  {
    id: 'risk',
    title: 'Shares of variance',
    lead: 'How much of the stock’s variance each layer carries. The residual share is computed from the raw ETFs, not as one minus the rest, so that the sum can fail and be noticed.',
    formulas: [
      {
        title: 'Explained and residual risk',
        lines: [
          'ER_m = {b_m^2 Var(m)|Var(r)}, "   " ER_s = {b_s^2 Var(s*)|Var(r)}, "   " ER_u = {b_u^2 Var(u*)|Var(r)}',
          'RR = {Var(r - sum h_i f_i)|Var(r)}, "   " ER_m + ER_s + ER_u + RR = 1',
        ],
        note: 'A row whose sum is off by more than 0.001 is flagged, shown, and never hedged with.',
      },
      {
        title: 'Volatility and standard errors',
        lines: ['"vol" = sqrt (252 * Var(r))', 'SE^2 = "diagonal of the inverse of " X\'X " × " {sum e^2|n - k - 1}'],
        note: 'The standard errors of h are those of the joint regression. With weights they are the sandwich form; bands in the charts are 80 % and 95 %.',
      },
    ],
  },
  {
    id: 'robust',
    title: 'Robust and held slopes',
    lead: 'Settings other than least squares of every day, such as those of the preset robust-held, change how slopes are found and what a share of variance is. Exposures and hedge ratios follow from the slopes as above.',
    formulas: [
      {
        title: 'Half-life and Huber’s loss',
        lines: [
          'w_t = 1, "   " w_d "= half of it each" H "days back", "   " z_d = {e_d|q}',
          '"minimise" sum w_d L(z_d), "   " sum w_d min(z_d^2, c^2) = sum w_d',
        ],
        note: 'H is the half-life in days. Huber’s loss L counts a residual within c scales q by its square and one beyond by its distance, so that a wild day sways the slope less; slope and scale are found together.',
      },
      {
        title: 'Held from month-end',
        lines: ['b_t = b_M, "   " M "= the last month-end before" t'],
        note: 'Slopes are found on the last session of a month, from the window that ends on it, and are in force from the next session on. Too few rows give no slope until the next month-end.',
      },
      {
        title: 'Realised chain',
        lines: [
          's_d^* = s_d - lam_sm,p * m_d, "   " e_1,d = r_d - b_m,p * m_d, "   " p "= the session before" d',
          'b_s "= slope of" e_1 "on" s*, "   " b_u "= slope of" e_2 "on" u*',
        ],
        note: 'Levels 2 and 3 explain what the slopes in force on each past day really left over. Each level counts days of its own: level 2 starts later than level 1, and level 3 later still.',
      },
      {
        title: 'Variance removed',
        lines: [
          'V = Var(r), "   " V_k = Var(e_k)',
          'ER_m = {V - V_1|V}, "   " ER_s = {V_1 - V_2|V}, "   " ER_u = {V_2 - V_3|V}, "   " RR = {V_3|V}',
        ],
        note: 'Over the days of the window on which every residual exists. They add up to 1. A share below 0, or a residual share above 1, is a level that added variance. There are no standard errors.',
      },
      {
        title: 'Vasicek shrinkage',
        lines: ['b = (1 - a) * b_own + a * b_peers, "   " a = {v|v + tau^2}'],
        note: 'Where it is switched on, for levels 2 and 3: v is the variance of the own slope, τ² that of the slopes of the industry beyond the mean v. At least five peers, weighted by the logarithm of their capitalisation.',
      },
    ],
  },
  {
    id: 'time',
    title: 'What was known when',
    lead: 'Every fact has the period for which it is true and the day from which it was known. A row dated t uses only facts known by t; a run “known as of K” uses, per fact, the version known latest by the earlier of t and K.',
    formulas: [
      {
        title: 'Facts of row t in a run known as of K',
        lines: ['"known from" <= min(t, K)'],
        note: 'A correction adds a version and overwrites nothing: choosing a day in “Known as of” repeats what the program showed on that day. Memberships, classifications and the ETF map are those of the row’s own date.',
      },
      {
        title: 'Ex-ante residual',
        lines: ['e_t = r_t - sum h_i,p f_i,t, "   " p "= the calendar row before" t'],
        note: 'Reports of what a hedge did use yesterday’s exposures on today’s returns. The in-window residual, with the exposures of its own row, has a name of its own.',
      },
    ],
  },
  {
    id: 'orders',
    title: 'Hedge orders',
    lead: 'Choose layers K and a fraction p of each. Over the stocks and investment ETFs of the book with market values V:',
    formulas: [
      {
        title: 'Target per ETF',
        lines: [
          'T = -sum_i V_i sum_k p_k b_i,k a_i,k',
          'a_m = m, "   " a_s = s - lam_sm * m, "   " a_u = u - lam_us * s - (lam_um - lam_us * lam_sm) * m',
        ],
        note: 'All layers at 100 % give −X, the whole exposure with its sign turned. The order is the target less what is already held as a hedge.',
      },
      {
        title: 'Whole shares and what is left',
        lines: [
          '"minimise" y\' Cov(F) y "over rounding each leg down or up"',
          '"ex-ante volatility left" = sqrt(252 * (y\' Cov(F) y + "residual part"))',
        ],
        note: 'y are the dollars left on each ETF. Joint rounding is never worse than rounding each leg to the nearest share; every leg stays within one share.',
      },
    ],
  },
];

export const GLOSSARY: readonly { readonly term: string; readonly text: string }[] = [
  {
    term: 'Chain',
    text: 'The market, sector and subsector ETF of a security on a date, from its classification and the ETF map. It may be short.',
  },
  {
    term: 'Coverage',
    text: 'Gross value of modelled positions over gross value of everything but held hedges. The uncovered count as 0, never scaled away.',
  },
  { term: 'Cleaned factor', text: 'An ETF’s return less what the layers above it explain.' },
  { term: 'Exposure', text: 'Dollars of an ETF that $1 of the stock behaves like.' },
  { term: 'Hedge ratio', text: 'Minus the exposure: dollars of the ETF to trade per $1 of stock held long.' },
  { term: 'Explained risk (ER)', text: 'Share of variance of a layer. The layers and the residual add up to 1.' },
  { term: 'Residual risk (RR)', text: 'Share of variance no ETF of the chain explains.' },
  { term: 'Deepest level', text: 'The highest level with enough rows: 1 market, 2 and sector, 3 and subsector.' },
  { term: 'Link beta (λ)', text: 'Slope of an ETF on a layer above it.' },
  { term: 'Historical volatility', text: 'Of the true daily series today’s holdings would have had over the window; not a sum of parts.' },
  {
    term: 'Model volatility',
    text: 'Factor part from the covariance of the ETFs, plus the residual parts as if independent of each other.',
  },
  { term: 'Hedge or investment', text: 'A held ETF of the map counts as a hedge when short and as an investment when long.' },
  { term: 'Unmodelled', text: 'A position without history, price or class here: listed with its value and the reason, in no exposure.' },
  { term: 'Known as of', text: 'The day whose knowledge a run uses.' },
  {
    term: 'Fingerprint, digest',
    text: 'What a run was asked (settings, day of knowledge, data revision, versions), and a hash of what came out.',
  },
  { term: 'ETF of the map', text: 'A factor. Stocks are measured against it; it has no rows of its own.' },
];

/** What the model does not say. */
export const LIMITS: readonly string[] = [
  'It does not forecast returns: there is no expected return anywhere in it, and an exposure is no recommendation.',
  'It measures a window of the past. Betas move; the bands show sampling error only, not that tomorrow may differ.',
  'Residuals of different stocks are treated as independent in the model volatility. Peers share more than three ETFs; the historical volatility shows by how much.',
  'Three ETFs are not all factors: value, momentum, rates, currencies and crowding stay in the residual or leak into the ETFs.',
  'A hedge removes what the ETFs explain at the chosen level, before costs, borrow, dividends on shorts, gaps and rounding.',
  'Classification decides the chain. A stock in the wrong industry gets the wrong ETF, without any identity failing.',
  'Daily closes: nothing here speaks about intraday risk or liquidity.',
];
