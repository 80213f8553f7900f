declare module "subset-font" {
  export interface SubsetOptions {
    targetFormat: "woff2";
    keepFeatures: readonly string[];
    noHinting: boolean;
    variationAxes: Record<string, { min: number; max: number }>;
  }

  /** @returns a font with the characters of `text` alone, as far as the original has them */
  export default function subsetFont(original: Buffer, text: string, options: SubsetOptions): Promise<Buffer>;
}
