/** The paper whose idea this is. */
const PAPER = `@misc{bajpai2024dimee,
  title = {Distributed Inference on Mobile Edge and Cloud: An Early Exit based Clustering Approach},
  author = {Bajpai, Divya Jyoti and Hanawal, Manjesh Kumar},
  year = {2024},
  eprint = {2410.05338},
  archivePrefix = {arXiv},
}`;

export interface Cited {
  readonly version: string;
  /** Where the view is to be seen again. */
  readonly address: string;
  /** When it was seen. */
  readonly on: Date;
}

/** BibTeX for the paper and for a view of this page, which is not by its authors. */
export function bibtexOf({ version, address, on }: Cited): string {
  return `${PAPER}

@software{dimeeplayground,
  title = {{DIMEE} Playground},
  version = {${version}},
  year = {${on.getUTCFullYear()}},
  url = {${address.replaceAll(/[{}\\]/g, (sign) => encodeURIComponent(sign))}},
  urldate = {${on.toISOString().slice(0, 10)}},
}
`;
}
