import theme from "vitepress/theme-without-fonts";
// The typeface of the app, from the site's own files. After the theme, whose own stacks of fonts it replaces.
import "pretendard/dist/web/variable/pretendardvariable-dynamic-subset.css";
import "./theme.css";

export default theme;
