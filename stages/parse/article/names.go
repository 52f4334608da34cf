package article

// name is what the words of a container's id and classes say of it.
type name uint8

const (
	nameNone name = iota
	nameGood
	nameBody // only what holds the text of an article is called so
	nameWeak // what it says is often meant of how it looks
	nameBad
	nameComments
	nameByline
	nameNever
	nameCaption
	nameEmbed
)

// words has the words that say something.
var words = func() map[string]name {
	m := map[string]name{}
	for n, list := range map[name][]string{
		nameGood: {
			"article", "content", "body", "text", "entry", "post", "story", "main", "detail", "details", "para", "paragraph", "txt", "page", "news",
			"zhengwen", "wenzhang", "neirong", "contents", "blog", "editor", "ueditor", "single", "artical", "arc", "cont", "con",
		},
		nameWeak: {
			"list", "more", "hot", "top", "link", "links", "header", "head", "box", "title", "meta", "info", "item", "items", "tool", "tools", "side",
			"left", "right", "bottom", "note", "notes", "image", "img", "media", "video", "gallery", "photo", "pic", "slideshow", "action",
			"actions", "button", "buttons", "btn", "bar", "next", "prev", "label", "topic", "topics", "category", "categories", "tag",
			"channel", "section", "extra", "latest", "new", "rail", "widget", "widgets", "module", "print", "player", "user", "list1",
		},
		nameBad: {
			"related", "relate", "recommend", "recommended", "recommendation", "recommendations",
			"banner", "ad", "ads", "adv", "advert", "advertisement",
			"advertorial", "sponsor", "sponsored", "sponsors", "promo", "promotion", "promoted", "newsletter", "subscribe", "subscription", "signup",
			"login", "register", "tags", "tagcloud", "rank", "ranking", "pager", "pagination", "pagenav", "paging",
			"toolbar", "share", "sharing", "shares", "sharebar", "social",
			"socials", "outbrain", "taboola", "follow", "rating", "ratings", "vote", "poll", "toc", "skip", "disclaimer", "popular",
			"trending", "trends", "mostread", "bio", "aside", "teaser", "teasers", "carousel", "alsoread", "readmore", "morefrom", "infobox", "jump",
			"donate", "donation", "hotnews", "hotlist", "topbar", "copyrights", "statement", "relatednews", "xiangguan", "tuijian",
			"fenxiang", "daohang", "guanggao", "remen", "dibu", "bottombar", "qrcode", "ewm", "erweima", "bdshare", "bdsharebuttonbox", "jiathis",
			"sns", "pagelist", "prevnext", "srcollbar", "addthis", "sharethis", "email", "whatsapp", "facebook", "twitter", "pinterest", "hidden",
			"offscreen", "modal", "overlay", "dropdown", "shop", "store", "deals", "buy", "app", "apps", "download", "survey", "feedback", "correction",
		},
		nameNever: {"nav", "navigation", "navbar", "menu", "breadcrumb", "breadcrumbs", "crumb", "crumbs", "footer", "foot", "masthead", "cookie", "cookies",
			"consent", "gdpr", "popup", "popover", "subnav", "topnav", "submenu", "sidebar", "privacy", "sr", "copyright", "cli",
		},
		nameCaption:  {"caption", "captions", "credit", "credits", "figcaption", "lightbox"},
		nameComments: {"comment", "comments", "disqus", "reply", "replies", "respond", "commentlist", "pinglun", "comt", "livefyre", "discussion", "cmt"},
		nameByline: {
			"byline", "author", "authors", "date", "time", "timestamp", "pubtime", "dateline", "published", "publish", "posted", "source", "laiyuan",
			"editors", "contributor", "contributors", "readtime",
		},
	} {
		for _, w := range list {
			m[w] = n
		}
	}
	return m
}()

// verdict is what all words of a container say together.
type verdict struct{ good, weak, bad, comments, byline, never, caption, embed bool }

// judge reads the words of names: they are parted by signs, digits, and capitals behind small letters.
func judge(names []byte) (v verdict) {
	var buf [24]byte
	n := 0
	small := false
	flush := func() {
		if n > 1 && n <= len(buf) {
			switch words[string(buf[:n])] {
			case nameGood:
				v.good = true
			case nameWeak:
				v.weak = true
			case nameBad:
				v.bad = true
			case nameComments:
				v.comments = true
			case nameByline:
				v.byline = true
			case nameEmbed:
				v.embed = true
			case nameNever:
				v.never = true
			case nameCaption:
				v.caption = true
			}
		}
		n = 0
	}
	for _, c := range names {
		switch {
		case 'a' <= c && c <= 'z':
			small = true
		case 'A' <= c && c <= 'Z':
			if small {
				flush()
			}
			small = false
			c += 'a' - 'A'
		default:
			flush()
			small = false
			continue
		}
		if n < len(buf) {
			buf[n] = c
		}
		n++
	}
	flush()
	return v
}
