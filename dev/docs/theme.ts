// The typeface of the app, from the site's own files.
import "pretendard/dist/web/variable/pretendardvariable-dynamic-subset.css";
import "./theme.css";

export { default } from "vitepress/theme-without-fonts";
